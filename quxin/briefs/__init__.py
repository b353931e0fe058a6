"""One typed answer for each page, report or endpoint: words from records, numbers from measures. Never writes."""
