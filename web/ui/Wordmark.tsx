/** Chiron, the archer who taught medicine: a bow and its arrow in the shape of a C. */
export function Wordmark({ size = 26, onDark = false }: { size?: number; onDark?: boolean }) {
  const bow = onDark ? '#d7efe5' : 'light-dark(#0b5a4a, #b8d9cc)'
  const arrow = onDark ? '#f2b866' : 'light-dark(#b1761b, #f2b866)'
  return (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: size * 0.34, color: onDark ? '#f1f8f5' : undefined }}>
      <svg width={size} height={size} viewBox="2 3 26 26" fill="none" aria-hidden="true">
        <path d="M20.5 6.5a11 11 0 1 0 0 19" stroke={bow} strokeWidth="3" strokeLinecap="round" />
        <path d="M9 16h15m-4.5-4.5L24 16l-4.5 4.5" stroke={arrow} strokeWidth="2.6" strokeLinecap="round" strokeLinejoin="round" />
      </svg>
      <span style={{ fontSize: size * 0.74, fontWeight: 650, letterSpacing: '-0.015em', lineHeight: 1 }}>Chiron</span>
    </span>
  )
}
