"""The spine: campaigns deployed from packs, their tasks and assignments, and simple records of progress."""
