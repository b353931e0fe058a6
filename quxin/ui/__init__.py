"""The product's look: style, tiny scripts, components, template tags and page frames.

Everything here takes primitives (text, numbers, dates, links) and knows nothing of organisations, promises or measures:
a component that needed a model would tie every page to every table.
"""
