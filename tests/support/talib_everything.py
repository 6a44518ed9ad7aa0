"""Every function that TA-Lib has, at its default parameters, as one feature function."""

import numpy as np
import pandas as pd
import talib
from talib import abstract

FUNCTIONS = sorted(name for names in talib.get_function_groups().values() for name in names)


def everything(frame: pd.DataFrame) -> pd.DataFrame:
    inputs = {name.lower(): frame[name].to_numpy(float) for name in frame.columns}
    inputs["periods"] = np.full(len(frame), 10.0)
    parts = {}
    for name in FUNCTIONS:
        function = abstract.Function(name)
        outputs = function(inputs)
        for label, values in zip(
            function.output_names, [outputs] if isinstance(outputs, np.ndarray) else outputs, strict=True
        ):
            parts[f"{name}_{label}"] = np.asarray(values, float)
    return pd.DataFrame(parts, index=frame.index)
