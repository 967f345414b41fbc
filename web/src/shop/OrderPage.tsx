// One order: what was bought, how far it has come, and the next steps.
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";

import { Confirm } from "../shell/Confirm";
import { Form } from "../shell/Form";
import { showMoney } from "../shell/money";
import { Moment } from "../shell/Moment";
import { Waiting, Wrong } from "../shell/Panels";
import { session } from "../shell/session";
import { Table } from "../shell/Table";
import { Chip } from "../writes/Chip";
import { useIntents } from "../writes/writes";
import { refundOrder, stepOrder } from "./intents";
import { drawOne } from "./overlay";
import { oneOrder, type OrderDto } from "./reads";
import styles from "./Shop.module.css";
import { ShopPage } from "./ShopNav";

export function OrderPage() {
  const { orderId } = useParams({ from: "/signed-in/shop/orders/$orderId" });
  const read = useQuery(oneOrder(orderId));
  const intents = useIntents();
  if (read.data === undefined) {
    return (
      <ShopPage title="Order">
        {read.isError ? <Wrong error={read.error} again={() => void read.refetch()} /> : <Waiting rows={2} />}
      </ShopPage>
    );
  }
  const { it: order, intent } = drawOne(read.data, `order-${orderId}`, intents);
  const money = (amount: number): string => showMoney(amount, order.currency);
  return (
    <ShopPage title="Order">
      <section className={styles["panel"]} aria-label="The order">
        <div className={styles["heads"]}>
          <h2>
            <span data-testid="status">{order.status}</span> · {money(order.amount)}
          </h2>
          <Chip intent={intent} />
        </div>
        <dl className={styles["facts"]}>
          <Fact name="Placed" at={order.placedAt} />
          <Fact name="Shipped" at={order.shippedAt} />
          <Fact name="Delivered" at={order.deliveredAt} />
          <Fact name="Cancelled" at={order.cancelledAt} />
          <div>
            <dt>Customer</dt>
            <dd>
              <Link to="/shop/customers/$customerId" params={{ customerId: order.customerId }}>
                {order.segment}, {order.region}
              </Link>
            </dd>
          </div>
          <div>
            <dt>Refunded</dt>
            <dd>{money(order.refunded)}</dd>
          </div>
        </dl>
        <Table
          label="Lines"
          rows={order.lines}
          keyOf={(line) => line.sku}
          columns={[
            { name: "Product", cell: (line) => line.sku },
            { name: "Quantity", number: true, cell: (line) => line.quantity },
            { name: "Amount", number: true, cell: (line) => money(line.amount) },
          ]}
        />
        {session.can("shop:write") && <Steps order={order} />}
      </section>
    </ShopPage>
  );
}

function Fact({ name, at }: { name: string; at: string | null }) {
  if (at === null) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <Moment at={at} />
      </dd>
    </div>
  );
}

function Steps({ order }: { order: OrderDto }) {
  const left = order.amount - order.refunded;
  return (
    <>
      <div className={styles["actions"]}>
        {order.status === "placed" && <Button onClick={() => stepOrder(order, "ship")}>Ship</Button>}
        {order.status === "shipped" && <Button onClick={() => stepOrder(order, "deliver")}>Deliver</Button>}
        {order.status === "placed" && (
          <Confirm action="Cancel" question="Cancel the order?" onConfirm={() => void stepOrder(order, "cancel")} />
        )}
      </div>
      {order.status !== "cancelled" && left > 0 && (
        <Form
          label="Refund"
          action="Refund"
          fields={[
            {
              name: "sku",
              label: "Line",
              kind: "choice",
              choices: order.lines.map((line) => ({ value: line.sku, label: line.sku })),
            },
            { name: "amount", label: "Amount to give back", kind: "money", currency: order.currency },
          ]}
          onSubmit={(values) => void refundOrder(order, String(values["sku"]), Number(values["amount"]))}
        />
      )}
    </>
  );
}
