"""Rounds in which the people served judge. Nobody who organises or is judged has a write path to a ballot."""
