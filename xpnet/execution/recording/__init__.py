"""Recording a step: the list of its operations, the layouts of their values, and the memory of the carry."""
