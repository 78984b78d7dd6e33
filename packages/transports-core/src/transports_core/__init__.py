"""Live models as a log of revisions: sessions, servers and mirrors, without I/O."""
