import { addDays } from '../modules/kernel/time.ts'
import type { ClinicKey } from './clinic-data.ts'
import { at, createRandom, type Random } from './random.ts'

export type DemoPatient = {
  readonly name: string
  readonly speciesCode: string
  readonly breedCode: string
  readonly sex: 'male' | 'female'
  readonly isNeutered: boolean
  readonly bornOn: string
  readonly microchip: string | null
  readonly colour: string
  readonly allergies: readonly string[]
  readonly alerts: readonly string[]
  readonly weightKg: string
}
export type DemoClient = {
  readonly name: string
  readonly phone: string
  readonly email: string
  readonly address: string
  readonly patients: readonly DemoPatient[]
}

const GIVEN = [
  'María',
  'José',
  'Guadalupe',
  'Juan',
  'Alejandra',
  'Miguel',
  'Fernanda',
  'Jesús',
  'Verónica',
  'Carlos',
  'Ximena',
  'Andrés',
  'Leticia',
  'Óscar',
  'Renata',
  'Raúl',
  'Paola',
  'Héctor',
  'Daniela',
  'Iván',
  'Mónica',
  'Ángel',
  'Lucía',
  'Eduardo',
  'Ana',
  'Rodrigo',
  'Itzel',
  'Víctor',
  'Elena',
  'Emiliano',
]
const FAMILY = [
  'Hernández',
  'García',
  'Martínez',
  'López',
  'González',
  'Pérez',
  'Rodríguez',
  'Sánchez',
  'Ramírez',
  'Cruz',
  'Gómez',
  'Flores',
  'Morales',
  'Vázquez',
  'Jiménez',
  'Reyes',
  'Díaz',
  'Torres',
  'Gutiérrez',
  'Ruiz',
  'Mendoza',
  'Aguilar',
  'Ortiz',
  'Castillo',
  'Romero',
  'Núñez',
  'Álvarez',
  'Chávez',
  'Rivera',
  'Juárez',
]
const STREETS = [
  'Av. Álvaro Obregón',
  'Calle Durango',
  'Av. Universidad',
  'Calle Higuera',
  'Av. Insurgentes Sur',
  'Calle Tonalá',
  'Calle Francisco Sosa',
  'Av. División del Norte',
  'Calle Orizaba',
  'Av. Miguel Ángel de Quevedo',
]
const PET_NAMES = [
  'Luna',
  'Max',
  'Canela',
  'Rocky',
  'Nala',
  'Toby',
  'Kira',
  'Simba',
  'Frida',
  'Bruno',
  'Lola',
  'Coco',
  'Maya',
  'Zeus',
  'Chispa',
  'Oreo',
  'Pelusa',
  'Thor',
  'Mía',
  'Balú',
  'Nina',
  'Rex',
  'Moka',
  'Duque',
  'Kiwi',
  'Tomás',
  'Perla',
  'Lucas',
  'Dalia',
  'Firulais',
  'Cleo',
  'Ñoño',
  'Bimba',
  'Sombra',
  'Azul',
  'Gala',
  'Pancho',
  'Trufa',
  'Hachi',
  'Miel',
]
const DOGS = [
  'canine-mixed',
  'canine-chihuahua',
  'canine-labrador-retriever',
  'canine-golden-retriever',
  'canine-german-shepherd',
  'canine-poodle',
  'canine-schnauzer-miniature',
  'canine-french-bulldog',
  'canine-pug',
  'canine-yorkshire-terrier',
  'canine-beagle',
  'canine-siberian-husky',
  'canine-dachshund',
  'canine-xoloitzcuintle',
]
const CATS = ['feline-domestic-shorthair', 'feline-domestic-longhair', 'feline-siamese', 'feline-persian', 'feline-maine-coon']
const OTHERS = [
  ['lagomorph', 'lagomorph-mixed'],
  ['rodent', 'rodent-guinea-pig'],
  ['rodent', 'rodent-hamster'],
  ['avian', 'avian-cockatiel'],
  ['reptile', 'reptile-turtle'],
] as const
const COLOURS = ['negro', 'blanco', 'café', 'atigrado', 'tricolor', 'gris', 'dorado', 'negro con blanco', 'crema']
const ALLERGIES = ['Penicilina', 'Pollo', 'Picadura de pulga', 'Ivermectina']
const ALERTS = [
  'Muerde al revisar las patas',
  'Cardiópata: anestesia con precaución',
  'Diabético: insulina dos veces al día',
  'Nervioso: usar feromonas',
  'Epilepsia controlada',
]

/** Clients of a clinic and, in one list over all of them, how many patients they bring. */
const SIZES: Record<ClinicKey, { clients: number; patients: number }> = { centro: { clients: 190, patients: 290 }, coyoacan: { clients: 110, patients: 160 } }

/** The clients whose charts were opened at a clinic, with their animals: always the same ones. */
export function planClients(clinic: ClinicKey): DemoClient[] {
  const random = createRandom(`people|${clinic}`)
  const { clients, patients } = SIZES[clinic]
  const extra = new Set(
    random.sample(
      Array.from({ length: clients }, (_, index) => index),
      patients - clients,
    ),
  )
  return Array.from({ length: clients }, (_, index) => {
    const given = random.pick(GIVEN)
    const family = random.pick(FAMILY)
    const number = `${clinic === 'centro' ? 55 : 56}${String(10_000_000 + index * 7_919 + random.between(0, 7_000)).padStart(8, '0')}`
    return {
      name: `${given} ${family} ${random.pick(FAMILY)}`,
      phone: `+52 ${number.slice(0, 2)} ${number.slice(2, 6)} ${number.slice(6)}`,
      email: `${plain(given)}.${plain(family)}.${clinic === 'centro' ? 'c' : 'k'}${index + 1}@correo.example`,
      address: `${random.pick(STREETS)} ${random.between(10, 990)}, Ciudad de México`,
      patients: Array.from({ length: extra.has(index) ? 2 : 1 }, () => planPatient(random, clinic, index)),
    }
  })
}

function planPatient(random: Random, clinic: ClinicKey, index: number): DemoPatient {
  const [speciesCode, breedCode] = planBreed(random)
  const grams = speciesCode === 'canine' ? random.between(2_000, 42_000) : speciesCode === 'feline' ? random.between(2_500, 7_500) : random.between(100, 2_500)
  return {
    name: random.pick(PET_NAMES),
    speciesCode,
    breedCode,
    sex: random.chance(0.5) ? 'male' : 'female',
    isNeutered: random.chance(0.6),
    bornOn: addDays('2012-01-01', random.between(0, 4_800)),
    // ISO 11784: 484 is Mexico; the last twelve digits stay below 2^38.
    microchip:
      speciesCode !== 'rodent' && random.chance(0.6)
        ? `484${clinic === 'centro' ? '1' : '2'}${String(index).padStart(4, '0')}${String(random.between(0, 9_999_999)).padStart(7, '0')}`
        : null,
    colour: random.pick(COLOURS),
    allergies: random.chance(0.08) ? [random.pick(ALLERGIES)] : [],
    alerts: random.chance(0.1) ? [random.pick(ALERTS)] : [],
    weightKg: (grams / 1000).toFixed(2),
  }
}

function planBreed(random: Random): readonly [string, string] {
  const draw = random.next()
  if (draw < 0.66) return ['canine', random.pick(DOGS)]
  if (draw < 0.93) return ['feline', random.pick(CATS)]
  return at(OTHERS, random.between(0, OTHERS.length - 1))
}

function plain(name: string): string {
  return name
    .normalize('NFD')
    .replaceAll(/[^A-Za-z]/g, '')
    .toLowerCase()
}
