import { IconCat, IconDog, IconFeather, IconFish, IconHorse, IconPaw } from '@tabler/icons-react'

const ICONS: Record<string, typeof IconPaw> = {
  canine: IconDog,
  feline: IconCat,
  avian: IconFeather,
  fish: IconFish,
  equine: IconHorse,
}

export function SpeciesIcon({ code, size = 20 }: { code: string; size?: number }) {
  const Icon = ICONS[code.toLowerCase()] ?? IconPaw
  return <Icon size={size} stroke={1.5} aria-hidden="true" />
}
