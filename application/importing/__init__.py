"""Catalogues from other shops' export files: read, judged, and taken over in one transaction."""
