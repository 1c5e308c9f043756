"""Tables: an ensemble of networks that needs no settings."""

from xpnet.tabular.recipe import TableRecipe, recipe_for
from xpnet.tabular.scaled_network import ScaledNetwork
from xpnet.tabular.train_table import train_table

__all__ = ["ScaledNetwork", "TableRecipe", "recipe_for", "train_table"]
