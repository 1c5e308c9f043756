"""Images of digits: the bundled ones, MNIST and its download, IDX files."""
