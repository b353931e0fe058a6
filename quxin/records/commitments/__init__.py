"""Public promises of organisations and members: made, reviewed, shown, kept, judged."""
