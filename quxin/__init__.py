"""取信 · Quxin: see docs/architecture.md; the folder names tell the story from top to bottom."""
