"""Staff pages. A view loads, makes one domain call, renders a brief."""
