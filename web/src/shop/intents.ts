// What the shop's staff can write, each as an intent.
import type { Values } from "../shell/Form";
import type { Intent, Seen } from "../writes/intent";
import { type BodyOf, pathOf, request, write } from "../writes/writes";
import { type CustomerDto, LIST, oneKey, type OrderDto, type ProductDto, type PromotionDto } from "./reads";

const CUSTOMER = "/api/v1/customers/{customer_id}";
const PRODUCT = "/api/v1/products/{sku}";
const PROMOTION = "/api/v1/promotions/{promotion_id}";
const ORDER = "/api/v1/orders/{order_id}";

type NewCustomer = BodyOf<"/api/v1/customers", "post">;
type NewProduct = BodyOf<"/api/v1/products", "post">;
type NewPromotion = BodyOf<"/api/v1/promotions", "post">;
type NewOrder = BodyOf<"/api/v1/orders", "post">;

export function registerCustomer(values: Values): Intent {
  const id = crypto.randomUUID();
  return write({
    ...aboutCustomer(id),
    ...request("post", "/api/v1/customers", {}, { ...(values as unknown as NewCustomer), id }),
    kind: "customer.new",
    label: "Registering the customer",
    draft: { ...values, customerId: id, registeredAt: new Date().toISOString() },
  });
}

export type Fact = "name" | "email" | "phone" | "segment" | "region";

export function change(customer: CustomerDto, field: Fact, value: string): Intent {
  return write({
    ...aboutCustomer(customer.customerId),
    ...changeOf({ customer_id: customer.customerId }, field, value),
    kind: "customer.change",
    label: `Changing the ${field}`,
    seen: seen(customer, field),
    draft: { [field]: value },
  });
}

function changeOf(ids: Record<string, string>, field: Fact, value: string) {
  switch (field) {
    case "segment":
      return request("put", `${CUSTOMER}/segment`, ids, { segment: value });
    case "region":
      return request("put", `${CUSTOMER}/region`, ids, { region: value });
    default:
      return request("put", `${CUSTOMER}/contact`, ids, { [field]: value });
  }
}

export function listProduct(values: Values): Intent {
  const sku = String(values["sku"]);
  return write({
    stream: `product:${sku}`, // its real name is derived by the server
    check: pathOf(PRODUCT, { sku }),
    shows: [LIST],
    ...request("post", "/api/v1/products", {}, values as unknown as NewProduct),
    kind: "product.new",
    label: "Listing the product",
    draft: { ...values, listedAt: new Date().toISOString() },
  });
}

export function rename(product: ProductDto, name: string): Intent {
  return write({
    ...aboutProduct(product),
    ...request("put", `${PRODUCT}/name`, { sku: product.sku }, { name }),
    label: "Renaming the product",
    seen: seen(product, "name"),
    draft: { name },
  });
}

export function reprice(product: ProductDto, price: number): Intent {
  return write({
    ...aboutProduct(product),
    ...request("put", `${PRODUCT}/price`, { sku: product.sku }, { price }),
    label: "Repricing the product",
    seen: { ...seen(product, "price"), currency: product.currency },
    draft: { price },
  });
}

export function startPromotion(values: Values): Intent {
  const id = crypto.randomUUID();
  return write({
    ...aboutPromotion(id),
    ...request("post", "/api/v1/promotions", {}, { ...(values as unknown as NewPromotion), id }),
    kind: "promotion.new",
    label: "Starting the promotion",
    draft: { ...values, promotionId: id },
  });
}

export function endPromotion(promotion: PromotionDto): Intent {
  return write({
    ...aboutPromotion(promotion.promotionId),
    ...request("post", `${PROMOTION}/end`, { promotion_id: promotion.promotionId }, {}),
    kind: "promotion.end",
    label: "Ending the promotion",
  });
}

export function placeOrder(order: Omit<NewOrder, "id">, customer: CustomerDto): Intent {
  const id = crypto.randomUUID();
  return write({
    ...aboutOrder(id),
    ...request("post", "/api/v1/orders", {}, { ...order, id }),
    kind: "order.new",
    label: "The order",
    draft: {
      orderId: id,
      customerId: order.customerId,
      name: customer.name,
      email: customer.email,
      phone: customer.phone,
      currency: order.currency,
      amount: order.lines.reduce((sum, line) => sum + line.amount, 0),
      placedAt: new Date().toISOString(),
    },
  });
}

export type Step = "ship" | "deliver" | "cancel";
const AFTER: Record<Step, string> = { ship: "shipped", deliver: "delivered", cancel: "cancelled" };

export function stepOrder(order: OrderDto, step: Step): Intent {
  return write({
    ...aboutOrder(order.orderId),
    ...request("post", `${ORDER}/${step}`, { order_id: order.orderId }, {}),
    kind: "order.step",
    label: `The order is ${AFTER[step]}`,
    draft: { status: AFTER[step] },
  });
}

export function refundOrder(order: OrderDto, sku: string, amount: number): Intent {
  return write({
    ...aboutOrder(order.orderId),
    ...request("post", `${ORDER}/refund`, { order_id: order.orderId }, { lines: [{ sku, amount }] }),
    kind: "order.refund",
    label: "The refund",
    draft: { amount },
  });
}

function seen<T extends { version: number }>(it: T, field: keyof T & string): Seen {
  return { field, value: String(it[field]), version: it.version };
}

function aboutCustomer(id: string) {
  const check = pathOf(CUSTOMER, { customer_id: id });
  return { stream: `customer-${id}`, check, shows: [LIST, oneKey("customer", id)] };
}

function aboutProduct({ productId, sku }: ProductDto) {
  return { stream: `product-${productId}`, check: pathOf(PRODUCT, { sku }), shows: [LIST], kind: "product.change" };
}

function aboutPromotion(id: string) {
  return { stream: `promotion-${id}`, check: pathOf(PROMOTION, { promotion_id: id }), shows: [LIST] };
}

function aboutOrder(id: string) {
  const check = pathOf(ORDER, { order_id: id });
  return { stream: `order-${id}`, check, shows: [LIST, oneKey("order", id)] };
}
