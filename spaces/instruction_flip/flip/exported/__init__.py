"""Encoders that were exported for ONNX Runtime, which starts without PyTorch."""
