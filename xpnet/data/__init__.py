"""Host arrays in, host arrays out: bundled digits, MNIST, IDX files, tables, splits and scalings."""

from xpnet.data.cell_tables import read_cells
from xpnet.data.csv_tables import read_csv
from xpnet.data.dataset import Dataset
from xpnet.data.digits import load_digits
from xpnet.data.encoding import Encoding
from xpnet.data.errors import FormatError
from xpnet.data.idx import read_idx
from xpnet.data.mapped_parquet import map_parquet
from xpnet.data.mnist import MNIST, load_mnist
from xpnet.data.npy_tables import read_npy
from xpnet.data.npz_tables import read_npz
from xpnet.data.preprocessing import Scaling
from xpnet.data.ratings import load_ratings
from xpnet.data.ratings_table import Ratings
from xpnet.data.split import Split, ordered_split, random_split, stratified_split
from xpnet.data.tables import read_table

__all__ = [
    "MNIST",
    "Dataset",
    "Encoding",
    "FormatError",
    "Ratings",
    "Scaling",
    "Split",
    "load_digits",
    "load_mnist",
    "load_ratings",
    "map_parquet",
    "ordered_split",
    "random_split",
    "read_cells",
    "read_csv",
    "read_idx",
    "read_npy",
    "read_npz",
    "read_table",
    "stratified_split",
]
