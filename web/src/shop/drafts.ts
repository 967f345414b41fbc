// What is new, as the lists show it before they have it.
import type { Intent } from "../writes/intent";
import type { CustomerDto, CustomerOrderDto, ProductDto, PromotionDto } from "./reads";

export function draftCustomer({ draft }: Intent): CustomerDto {
  return { birthYear: null, gender: null, ...(draft as Partial<CustomerDto>), version: 0 } as CustomerDto;
}

export function draftProduct({ draft }: Intent): ProductDto {
  return { productId: `new-${String(draft["sku"])}`, ...(draft as Partial<ProductDto>), version: 0 } as ProductDto;
}

export function draftPromotion({ draft }: Intent): PromotionDto {
  return { ended: false, ...(draft as Partial<PromotionDto>), version: 0 } as PromotionDto;
}

export function draftOrder({ draft }: Intent): CustomerOrderDto {
  return { refunded: 0, cancelled: false, ...(draft as Partial<CustomerOrderDto>) } as CustomerOrderDto;
}
