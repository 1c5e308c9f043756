"""The door for readers of Nielsen's "Neural Networks and Deep Learning": the modules of its chapters 1 to 3.

A script written for the book's own modules runs with its import changed, and nothing else::

    from xpnet.book import mnist_loader, network, network2

Names, arguments, return values, printed lines, saved files and the use of `random.seed` and `numpy.random.seed` are
the book's.  Underneath, `SGD` works on whole mini-batches, on the library that ``XPNET_BACKEND`` or
`xpnet.backend.using` names, in float64 where that library has it.

Notes
-----
What differs, on purpose: data of a wrong shape, which broadcasting would turn into wrong numbers, are refused; no
pickle is read; no logarithm of zero enters `total_cost`, so that the cost of a saturated output is right, not 1.8e308.

Whole mini-batches round otherwise than example by example.  Mostly that stays in the last digits; but with chapter 1's
eta of 3 on MNIST a last digit grows a hundredfold every 12,500 examples, in the book's own code too, so that after
about an epoch the counts of two runs part, as they do between two processors.

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
