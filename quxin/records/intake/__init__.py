"""From rows of Excel to records: forms, plans and carrying them out. Must not know any kind of record: each brings its `forms`."""
