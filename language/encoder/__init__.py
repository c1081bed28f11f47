"""The Chinese encoder: weights that come with a package, our adapter over them, one small ONNX file to serve."""
