from orders.admin.reviews import ReviewAdmin

__all__ = ["ReviewAdmin"]
