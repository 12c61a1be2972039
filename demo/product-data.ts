export type ProductData = {
  readonly sku: string
  readonly name: string
  readonly family: string | null
  readonly category: 'food' | 'parasiticide' | 'vaccine' | 'medicine' | 'controlled' | 'accessory'
  readonly unitCode: string
  /** Ex-tax, in pesos. */
  readonly unitPrice: number
  readonly taxRate: '0' | '16'
  readonly isLotTracked: boolean
  readonly criticalLevel: number
  readonly idealLevel: number
  /** How often it crosses the counter, against the others; 0 for what is used in visits alone. */
  readonly demand: number
}

type Kind = Pick<ProductData, 'category' | 'unitCode' | 'taxRate' | 'isLotTracked'>
// Source: Ley del IVA, art. 2-A (patent medicine 0 %; processed food for pets is taxed at 16 %), 2025.
const FOOD: Kind = { category: 'food', unitCode: '{bag}', taxRate: '16', isLotTracked: false }
const PIPETTE: Kind = { category: 'parasiticide', unitCode: '{pipette}', taxRate: '0', isLotTracked: false }
const TOY: Kind = { category: 'accessory', unitCode: '{unit}', taxRate: '16', isLotTracked: false }
const VACCINE: Kind = { category: 'vaccine', unitCode: '{dose}', taxRate: '0', isLotTracked: true }
const MEDICINE: Kind = { category: 'medicine', unitCode: '{unit}', taxRate: '0', isLotTracked: true }
const CONTROLLED: Kind = { category: 'controlled', unitCode: '{unit}', taxRate: '0', isLotTracked: true }

function product(
  kind: Kind,
  sku: string,
  name: string,
  family: string | null,
  unitPrice: number,
  criticalLevel: number,
  idealLevel: number,
  demand: number,
): ProductData {
  return { ...kind, sku, name, family, unitPrice, criticalLevel, idealLevel, demand }
}

/** What both clinics keep. Families group variants in summaries; alerts name the variant. */
export const PRODUCTS: readonly ProductData[] = [
  product(FOOD, 'RC-GI', 'Royal Canin Gastrointestinal', 'Royal Canin', 850, 5, 14, 3),
  product(FOOD, 'RC-MINI', 'Royal Canin Mini Adult', 'Royal Canin', 720, 4, 20, 4),
  product(FOOD, 'RC-URI', 'Royal Canin Urinary Feline', 'Royal Canin', 690, 4, 16, 2),
  product(FOOD, 'HD-KD', 'Hills Prescription Diet k/d', 'Hills Prescription Diet', 980, 2, 8, 1),
  product(FOOD, 'HD-ID', 'Hills Prescription Diet i/d', 'Hills Prescription Diet', 940, 2, 10, 2),
  product(PIPETTE, 'FP-L', 'Frontline Plus Large Dog', 'Frontline Plus', 275, 5, 16, 4),
  product(PIPETTE, 'FP-M', 'Frontline Plus Medium Dog', 'Frontline Plus', 260, 5, 24, 4),
  product(PIPETTE, 'FP-C', 'Frontline Plus Cat', 'Frontline Plus', 250, 5, 24, 4),
  product(PIPETTE, 'NEX-L', 'NexGard Spectra 15-30 kg', 'NexGard Spectra', 480, 4, 18, 3),
  product(TOY, 'TOY-KONG', 'Kong Classic M', 'Dog toys', 120, 4, 24, 4),
  product(TOY, 'TOY-ROPE', 'Cuerda con nudos', 'Dog toys', 95, 4, 24, 3),
  product(TOY, 'CHEW', 'Palitos dentales', 'Palitos dentales', 45, 10, 60, 4),
  product(TOY, 'COLLAR', 'Collar isabelino M', null, 165, 3, 12, 1),
  product(VACCINE, 'VAC-RAB', 'Vacuna antirrábica', null, 180, 4, 30, 0),
  product(VACCINE, 'VAC-DHPP', 'Vacuna quíntuple canina', null, 240, 5, 40, 0),
  product(VACCINE, 'VAC-FVRCP', 'Vacuna triple felina', null, 230, 4, 24, 0),
  product(MEDICINE, 'MEL-32', 'Meloxicam 1.5 mg/mL, 32 mL', null, 310, 3, 16, 1),
  product(MEDICINE, 'AMO-250', 'Amoxicilina con ácido clavulánico 250 mg, 10 tabletas', null, 290, 3, 18, 2),
  product(CONTROLLED, 'KET-10', 'Ketamina 100 mg/mL, 10 mL', null, 420, 1, 8, 0),
]

const bySku = new Map(PRODUCTS.map((item) => [item.sku, item]))

/** Throws RangeError for an article number that the demo does not know. */
export function productOf(sku: string): ProductData {
  const found = bySku.get(sku)
  if (!found) throw new RangeError(`no product ${sku}`)
  return found
}
