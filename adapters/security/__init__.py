"""Security: how passwords are hashed, how access tokens are signed, how refresh tokens are made and sealed."""
