"""A small shop front for the API, to be read as an example and used by the tests."""

from sandbox.storefront.server import Mode, Storefront, run_storefront

__all__ = ["Mode", "Storefront", "run_storefront"]
