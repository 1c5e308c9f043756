"""Data in host memory: digits, MNIST, IDX files, tables, frames, ratings, profiles, splits, folds, encodings.

Host arrays in, host arrays out::

    images           load_digits load_mnist read_idx
    tables           read_table read_csv read_npy read_npz read_cells map_parquet from_frame table_of column_of
    ratings          load_ratings
    a first look     profile_data
    splits           random_split stratified_split ordered_split group_split time_split
    folds            random_folds stratified_folds grouped_folds time_folds member_folds bootstrap_samples
    preparing        Scaling Encoding
"""

from xpnet.data.columns.building import column_of, table_of
from xpnet.data.columns.column import Column
from xpnet.data.columns.spelling import Reading
from xpnet.data.columns.table import Table
from xpnet.data.errors import FormatError
from xpnet.data.images.digits import load_digits
from xpnet.data.images.idx import read_idx
from xpnet.data.images.mnist import MNIST, load_mnist
from xpnet.data.preparing.encoding import Encoding
from xpnet.data.preparing.frame_data import from_frame
from xpnet.data.preparing.scaling import Scaling
from xpnet.data.preparing.splits.folds import (
    bootstrap_samples,
    grouped_folds,
    random_folds,
    stratified_folds,
    time_folds,
)
from xpnet.data.preparing.splits.group_split import group_split
from xpnet.data.preparing.splits.member_folds import member_folds
from xpnet.data.preparing.splits.split import Split, ordered_split, random_split, stratified_split
from xpnet.data.preparing.splits.time_split import time_split
from xpnet.data.profiling.data_profile import DataProfile, profile_data
from xpnet.data.ratings.reading import load_ratings
from xpnet.data.ratings.table import Ratings
from xpnet.data.tables.cell_tables import read_cells
from xpnet.data.tables.dataset import Dataset
from xpnet.data.tables.formats import read_table
from xpnet.data.tables.mapped_parquet import map_parquet
from xpnet.data.tables.readers.npy_tables import read_npy
from xpnet.data.tables.readers.npz_tables import read_npz
from xpnet.data.tables.readers.number_tables import read_csv

__all__ = [
    "MNIST",
    "Column",
    "DataProfile",
    "Dataset",
    "Encoding",
    "FormatError",
    "Ratings",
    "Reading",
    "Scaling",
    "Split",
    "Table",
    "bootstrap_samples",
    "column_of",
    "from_frame",
    "group_split",
    "grouped_folds",
    "load_digits",
    "load_mnist",
    "load_ratings",
    "map_parquet",
    "member_folds",
    "ordered_split",
    "profile_data",
    "random_folds",
    "random_split",
    "read_cells",
    "read_csv",
    "read_idx",
    "read_npy",
    "read_npz",
    "read_table",
    "stratified_folds",
    "stratified_split",
    "table_of",
    "time_folds",
    "time_split",
]


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
