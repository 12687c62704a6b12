"""Carts of guests and customers, and the orders of the customer who asks."""

from typing import Any

from django.db.models import QuerySet, Sum
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import OptionalKratosAuthentication
from accounts.models import User
from catalog.services import bundles
from karima.api import PagePagination
from orders.api import examples
from orders.api.inputs import CartItemInput, CartQuantityInput
from orders.api.outputs import (
    CartOutput,
    OrderOutput,
    OrderSummaryOutput,
    cart_document,
)
from orders.models import Cart, Order
from orders.services import cart as carts
from orders.services import cart_bundles
from orders.services.cart import CartNotFound, Shopper
from orders.services.transitions import OrderNotFound

CART_TOKEN = OpenApiParameter(
    "X-Cart-Token",
    str,
    OpenApiParameter.HEADER,
    description="The token of a guest's cart, as given when the cart was made.",
)


def shopper_of(request: Request) -> Shopper:
    """Return whose cart a request is about."""
    user = request.user
    return Shopper(
        customer=user if isinstance(user, User) else None,
        token=request.headers.get("X-Cart-Token", "")[:100],
    )


class CartEndpoint(APIView):
    """A guest with a cart token or a customer; nobody else's cart can be named."""

    rate_limit = "cart"
    authentication_classes = (OptionalKratosAuthentication,)
    permission_classes = (AllowAny,)

    def answer(
        self, request: Request, cart: Cart | None, *, token: str = "", status: int = 200
    ) -> Response:
        document = cart_document(
            cart,
            user=shopper_of(request).customer,
            context={"request": request},
            token=token,
        )
        headers = {"X-Cart-Token": token} if token else None
        return Response(document, status=status, headers=headers)

    def existing_cart(self, request: Request) -> Cart:
        cart = carts.find_cart(shopper_of(request))
        if cart is None:
            raise CartNotFound()
        return cart


class CartView(CartEndpoint):
    @extend_schema(
        operation_id="retrieve_cart",
        summary="The cart at today's prices, with notices",
        tags=["cart"],
        parameters=[CART_TOKEN],
        responses=CartOutput,
        examples=[examples.CART],
    )
    def get(self, request: Request) -> Response:
        shopper = shopper_of(request)
        cart = carts.find_cart(shopper)
        if cart is None and shopper.token and not shopper.customer:
            raise CartNotFound()
        return self.answer(request, cart)

    @extend_schema(
        operation_id="create_cart",
        summary="Make a cart, or return the one there is",
        description="A new guest's token is in the body and in `X-Cart-Token`.",
        tags=["cart"],
        request=None,
        responses={200: CartOutput, 201: CartOutput},
        examples=[examples.CART],
    )
    def post(self, request: Request) -> Response:
        cart, token = carts.open_cart(shopper_of(request))
        return self.answer(request, cart, token=token, status=201 if token else 200)


class CartItemsView(CartEndpoint):
    @extend_schema(
        operation_id="add_cart_item",
        summary="Put a variant or a bundle into the cart, made if need be",
        tags=["cart"],
        parameters=[CART_TOKEN],
        request=CartItemInput,
        responses={201: CartOutput},
        examples=[examples.ADD_ITEM, examples.CART],
    )
    def post(self, request: Request) -> Response:
        wanted = _valid(CartItemInput, request.data)
        quantity = wanted.pop("quantity")
        # Before the cart is made: a refusal leaves no empty cart behind.
        if "bundle" in wanted:
            bundle = bundles.find(wanted["bundle"])
            cart, token = carts.open_cart(shopper_of(request))
            cart_bundles.add(cart, bundle=bundle, quantity=quantity)
        else:
            variant = carts.find_variant(**wanted)
            cart, token = carts.open_cart(shopper_of(request))
            carts.add_item(cart, variant=variant, quantity=quantity)
        return self.answer(request, cart, token=token, status=201)


class CartItemView(CartEndpoint):
    @extend_schema(
        operation_id="change_cart_item",
        summary="Change a line's quantity; 0 removes it",
        tags=["cart"],
        parameters=[CART_TOKEN],
        request=CartQuantityInput,
        responses=CartOutput,
        examples=[examples.CART],
    )
    def patch(self, request: Request, line_id: int) -> Response:
        wanted = _valid(CartQuantityInput, request.data)
        cart = self.existing_cart(request)
        carts.set_quantity(cart, line_id=line_id, quantity=wanted["quantity"])
        return self.answer(request, cart)

    @extend_schema(
        operation_id="remove_cart_item",
        summary="Take a line out of the cart",
        tags=["cart"],
        parameters=[CART_TOKEN],
        responses=CartOutput,
        examples=[examples.CART],
    )
    def delete(self, request: Request, line_id: int) -> Response:
        cart = self.existing_cart(request)
        carts.set_quantity(cart, line_id=line_id, quantity=0)
        return self.answer(request, cart)


class CartBundleView(CartEndpoint):
    @extend_schema(
        operation_id="change_cart_bundle",
        summary="Change how many of a bundle are wanted; 0 removes it",
        tags=["cart"],
        parameters=[CART_TOKEN],
        request=CartQuantityInput,
        responses=CartOutput,
        examples=[examples.CART],
    )
    def patch(self, request: Request, row_id: int) -> Response:
        wanted = _valid(CartQuantityInput, request.data)
        cart = self.existing_cart(request)
        cart_bundles.set_quantity(cart, row_id=row_id, quantity=wanted["quantity"])
        return self.answer(request, cart)

    @extend_schema(
        operation_id="remove_cart_bundle",
        summary="Take a bundle out of the cart",
        tags=["cart"],
        parameters=[CART_TOKEN],
        responses=CartOutput,
        examples=[examples.CART],
    )
    def delete(self, request: Request, row_id: int) -> Response:
        cart = self.existing_cart(request)
        cart_bundles.set_quantity(cart, row_id=row_id, quantity=0)
        return self.answer(request, cart)


class OrderListView(APIView):
    pagination_class = PagePagination

    @extend_schema(
        operation_id="list_orders",
        summary="The customer's orders, newest first",
        tags=["orders"],
        parameters=[
            OpenApiParameter("status", str, enum=[str(s) for s in Order.Status])
        ],
        responses=OrderSummaryOutput(many=True),
        examples=[examples.ORDER_SUMMARY],
    )
    def get(self, request: Request) -> Response:
        orders = (
            orders_of(request)
            .annotate(item_count=Sum("lines__quantity"))
            .order_by("-placed_at", "-id")
        )
        status = request.query_params.get("status")
        if status is not None:
            _check_status(status)
            orders = orders.filter(status=status)
        pages = self.pagination_class()
        rows = pages.paginate_queryset(orders, request, self)
        return pages.get_paginated_response(OrderSummaryOutput(rows, many=True).data)


class OrderDetailView(APIView):
    @extend_schema(
        operation_id="retrieve_order",
        summary="One order of the customer; another's is not found",
        tags=["orders"],
        responses=OrderOutput,
        examples=[examples.ORDER],
    )
    def get(self, request: Request, number: str) -> Response:
        order = find_order(request, number)
        return Response(OrderOutput(order, context={"request": request}).data)


def orders_of(request: Request) -> QuerySet[Order]:
    """Return the orders of the customer who asks; nobody sees another's."""
    return Order.objects.filter(customer=request.user.pk)


def find_order(request: Request, number: str) -> Order:
    """Return one order of the customer who asks. Raises `OrderNotFound`."""
    # A path may carry a NUL, which PostgreSQL cannot even look for.
    if "\0" in number:
        raise OrderNotFound()
    found = orders_of(request).filter(number=number.upper())
    along = ("lines__bundle", "bundles", "events")
    order = found.select_related("shipment").prefetch_related(*along).first()
    if order is None:
        raise OrderNotFound()
    return order


def _valid(serializer_class: type[serializers.Serializer], data: Any) -> dict[str, Any]:
    serializer = serializer_class(data=data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _check_status(status: str) -> None:
    if status not in Order.Status.values:
        raise serializers.ValidationError(
            {"status": ["Status pesanan tidak dikenal."]}, code="invalid_choice"
        )
