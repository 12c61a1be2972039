import { IconCat, IconDog, IconFeather, IconFish, IconPaw, IconHorse } from '@tabler/icons-react'

const ICONS: Record<string, typeof IconPaw> = {
  dog: IconDog,
  canine: IconDog,
  cat: IconCat,
  feline: IconCat,
  bird: IconFeather,
  avian: IconFeather,
  fish: IconFish,
  horse: IconHorse,
  equine: IconHorse,
}

export function SpeciesIcon({ code, size = 20 }: { code: string; size?: number }) {
  const Icon = ICONS[code.toLowerCase()] ?? IconPaw
  return <Icon size={size} stroke={1.5} aria-hidden="true" />
}
