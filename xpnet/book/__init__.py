"""The modules of chapters 1 to 3 of Nielsen's "Neural Networks and Deep Learning", with the book's interface.

A script for the book's own modules runs if only its import is changed::

    from xpnet.book import mnist_loader, network, network2

Names, arguments, return values, printed lines, saved files and the use of `random.seed` and `numpy.random.seed` are
the book's.  `SGD` computes on whole mini-batches, on the library that ``XPNET_BACKEND`` or
`xpnet.backend.using` names, in float64 where that library has it.

Notes
-----
Three things differ on purpose.  Data of a wrong shape are refused, because broadcasting would give wrong numbers.  No
pickle is read.  `total_cost` never takes the logarithm of zero, so the cost of a saturated output is right, and not
1.8e308.

A whole mini-batch rounds differently from single examples.  Usually only the last digits differ.  But with chapter 1's
eta of 3 on MNIST, a difference grows a hundredfold every 12,500 examples, in the book's own code too.  After about an
epoch the counts of two runs differ, as they do on two processors.

Examples
--------
>>> import random
>>> import numpy as np
>>> random.seed(5)
>>> np.random.seed(5)
>>> x = [np.asarray([[0.0], [1.0]]), np.asarray([[1.0], [0.0]])]
>>> net = network.Network([2, 3, 2])
>>> net.SGD(list(zip(x, x)), 3, 1, 3.0, test_data=[(x[0], 1), (x[1], 0)])
Epoch 0: 1 / 2
Epoch 1: 1 / 2
Epoch 2: 2 / 2
"""

from xpnet.book import mnist_loader, network, network2

__all__ = ["mnist_loader", "network", "network2"]


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
