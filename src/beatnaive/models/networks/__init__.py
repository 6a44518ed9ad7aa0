"""Keras networks: windows as indices, one compiled trainer, one method per architecture (`Network.architecture`)."""
