"""What people read: pages, letters and prints, in their language."""
