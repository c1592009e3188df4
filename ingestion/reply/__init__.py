"""What the product gives back to senders: blank forms."""
