"""The network: activations, costs, parameters, forward pass and backpropagation."""

from xpnet.nn.activations import (
    ACTIVATIONS,
    Activation,
    leaky_relu,
    linear,
    relu,
    sigmoid,
    softmax,
    step,
    tanh,
)
from xpnet.nn.backprop import backprop
from xpnet.nn.costs import COSTS, Cost, cross_entropy, log_likelihood, quadratic
from xpnet.nn.dropout import dropout_mask
from xpnet.nn.examples import one_hot
from xpnet.nn.forward import Trace, forward
from xpnet.nn.gradient_check import GradientReport, gradient_check
from xpnet.nn.network import Network
from xpnet.nn.parameters import SCHEMES, Layer, Parameters, initialize
from xpnet.nn.penalties import constrain, penalize, penalty

__all__ = [
    "ACTIVATIONS",
    "COSTS",
    "SCHEMES",
    "Activation",
    "Cost",
    "GradientReport",
    "Layer",
    "Network",
    "Parameters",
    "Trace",
    "backprop",
    "constrain",
    "cross_entropy",
    "dropout_mask",
    "forward",
    "gradient_check",
    "initialize",
    "leaky_relu",
    "linear",
    "log_likelihood",
    "one_hot",
    "penalize",
    "penalty",
    "quadratic",
    "relu",
    "sigmoid",
    "softmax",
    "step",
    "tanh",
]
