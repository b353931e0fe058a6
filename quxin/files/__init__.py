"""Evidence kept by content hash. Uploads are hostile: type and size are checked here, never in a face."""
