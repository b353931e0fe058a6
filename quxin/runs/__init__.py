"""Long work: asked for by a face, carried out by jobs, with progress, heartbeat, cancel and resume. Must not know what the work is."""
