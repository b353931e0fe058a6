"""A brief made into Word, HTML, JSON, Excel or a poster. Never reckons."""
