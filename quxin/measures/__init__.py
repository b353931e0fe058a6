"""Facts to Measured(value or Missing, basis, as of). Tables here are a disposable cache of sums."""
