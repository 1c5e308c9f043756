"""The network: activations, costs, parameters, forward pass and backpropagation.

Pure functions of parameters, which are tuples of `Layer`::

    network          Network initialize forward backprop one_hot
    activations      sigmoid tanh relu leaky_relu elu gelu linear exponential softmax step
    costs            quadratic cross_entropy log_likelihood poisson huber
    regularization   penalty penalize dropout_mask constrain
    looking inside   explain_backprop gradient_check small_change sharpened
    perceptrons      Perceptron perceptron_rule perceptron_updates perceptron_network one_against_rest mistakes
                     margin novikoff_bound nand nand_perceptron add_bits binary_output
"""

from xpnet.nn import activations, costs
from xpnet.nn.activations import *
from xpnet.nn.backprop import backprop
from xpnet.nn.checking.kinds import Rule, Targets
from xpnet.nn.checking.one_hot import one_hot
from xpnet.nn.costs import *
from xpnet.nn.forward import Trace, forward
from xpnet.nn.inspecting.explain import ExplainedLayer, Explanation, Quantity, explain_backprop
from xpnet.nn.inspecting.gradient_check import GradientReport, gradient_check
from xpnet.nn.inspecting.sensitivity import SmallChange, sharpened, small_change
from xpnet.nn.network import Network
from xpnet.nn.parameters import SCHEMES, Layer, Parameters, initialize
from xpnet.nn.perceptrons.logic import Sum, add_bits, binary_output, nand, nand_perceptron
from xpnet.nn.perceptrons.one_against_rest import OneAgainstRest, one_against_rest
from xpnet.nn.perceptrons.perceptron import Perceptron, mistakes, perceptron_network
from xpnet.nn.perceptrons.rule import PerceptronResult, Update, perceptron_rule, perceptron_updates
from xpnet.nn.perceptrons.separation import margin, novikoff_bound
from xpnet.nn.regularization.dropout import dropout_mask
from xpnet.nn.regularization.max_norm import constrain
from xpnet.nn.regularization.penalties import penalize, penalty

__all__ = [
    *activations.__all__,
    *costs.__all__,
    "Rule",
    "SCHEMES",
    "ExplainedLayer",
    "Explanation",
    "GradientReport",
    "Layer",
    "Network",
    "OneAgainstRest",
    "Parameters",
    "Perceptron",
    "PerceptronResult",
    "Quantity",
    "SmallChange",
    "Sum",
    "Targets",
    "Trace",
    "Update",
    "add_bits",
    "backprop",
    "binary_output",
    "constrain",
    "dropout_mask",
    "explain_backprop",
    "forward",
    "gradient_check",
    "initialize",
    "margin",
    "mistakes",
    "nand",
    "nand_perceptron",
    "novikoff_bound",
    "one_against_rest",
    "one_hot",
    "penalize",
    "penalty",
    "perceptron_network",
    "perceptron_rule",
    "perceptron_updates",
    "sharpened",
    "small_change",
]


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
