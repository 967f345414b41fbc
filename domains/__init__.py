"""What the business says, one folder a domain; no drivers."""
