"""Who asks, and in which wire: HTTP, the worker, the command line, the in-process shop."""
