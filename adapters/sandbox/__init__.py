"""A payment gateway that moves no money: what stands in for Stripe until a key is set."""

from adapters.sandbox.gateway import SandboxGateway

__all__ = ["SandboxGateway"]
