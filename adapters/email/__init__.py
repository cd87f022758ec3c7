"""Mail: as files to look into, and over SMTP."""
