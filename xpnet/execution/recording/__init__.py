"""Recording a step: the operations that it asks for, noted once, and what is known of their values."""
