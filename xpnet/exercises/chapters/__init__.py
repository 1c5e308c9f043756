"""The exercises of each chapter: what is right, what is often wrong, and what to say then."""
