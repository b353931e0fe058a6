"""What everything else may use and what itself knows nothing: time, numbers, paths, identifiers, hashes,
Chinese text.

Pure Python. No module here may import Django or another package of the house, keep state, or read a file or
the network at call time. Rules of the trade (who may do what, what a promise is) do not belong here.
"""
