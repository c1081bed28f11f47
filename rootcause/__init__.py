"""WHY ORDERS ARE LOST: the points of an order's life where that happens, and who looks after them."""
