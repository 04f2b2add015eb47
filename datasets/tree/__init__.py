"""The ready tree that training packages read: prepared pictures, manifest, card, contact sheet."""
