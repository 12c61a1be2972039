-- Functions of a row's number: the same data whenever and wherever it is made.


CREATE FUNCTION bench.id(kind integer, number bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN ('01' || lpad(to_hex(kind), 2, '0') || '0000-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid;

-- 62 bits that look like chance.
CREATE FUNCTION bench.chance(number bigint, salt bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN hashint8extended(number, salt) & 4611686018427387903;

-- The practice day (Monday to Saturday) so many before or after the anchor.
CREATE FUNCTION bench.practice_day(anchor date, index integer) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN anchor + (floor(index / 6.0)::integer * 7 + (index - floor(index / 6.0)::integer * 6));

CREATE FUNCTION bench.syllable(number bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN (ARRAY['ba', 'ca', 'da', 'fi', 'ga', 'ki', 'la', 'ma', 'ná', 'pe', 'ra', 'so', 'tu', 'vi', 'za', 'lu', 'ni', 'ro', 'mé', 'co', 'to', 'sa', 'ri', 'gu', 'be',
    'chi', 'ñe', 'pa', 'do', 'li'])[number % 30 + 1];

-- 27,000 names of three syllables: two of them name about one animal in nine hundred.
CREATE FUNCTION bench.pet_name(number bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN initcap(bench.syllable(bench.chance(number, 11)) || bench.syllable(bench.chance(number, 11) / 30) || bench.syllable(bench.chance(number, 11) / 900));

CREATE FUNCTION bench.person_name(number bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN (ARRAY['María', 'José', 'Guadalupe', 'Juan', 'Francisco', 'Antonio', 'Alejandra', 'Verónica', 'Jesús', 'Martha', 'Ángel', 'Sofía', 'Héctor', 'Ximena', 'Óscar',
      'Lucía', 'Íñigo', 'Daniela', 'Ramón', 'Inés'])[bench.chance(number, 12) % 20 + 1] || ' '
    || (ARRAY['Hernández', 'García', 'Martínez', 'López', 'González', 'Rodríguez', 'Pérez', 'Sánchez', 'Ramírez', 'Cruz', 'Flores', 'Gómez', 'Morales', 'Vázquez', 'Jiménez',
      'Reyes', 'Díaz', 'Torres', 'Gutiérrez', 'Ruiz', 'Aguilar', 'Mendoza', 'Ortiz', 'Castillo', 'Moreno'])[bench.chance(number, 12) / 32 % 25 + 1] || ' '
    || (ARRAY['Muñoz', 'Rivera', 'Álvarez', 'Romero', 'Ibarra', 'Peña', 'Núñez', 'Ochoa', 'Ávila', 'Zúñiga', 'Bravo', 'Cortés', 'Durán', 'Esquivel', 'Fuentes', 'Guerra',
      'Huerta', 'Juárez', 'Lara', 'Meza'])[bench.chance(number, 12) / 1024 % 20 + 1];

CREATE FUNCTION bench.words(number bigint, count integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN (SELECT string_agg((ARRAY['paciente', 'alerta', 'mucosas', 'rosadas', 'temperatura', 'normal', 'apetito', 'disminuido', 'vómito', 'diarrea', 'leve', 'piel', 'otitis',
      'externa', 'dolor', 'cojera', 'herida', 'sutura', 'vacuna', 'aplicada', 'desparasitación', 'oral', 'control', 'semana', 'dieta', 'peso', 'estable', 'tos', 'seca',
      'hidratación', 'adecuada', 'palpación', 'abdominal', 'sin', 'hallazgos', 'propietario', 'refiere', 'mejoría', 'tratamiento', 'antibiótico', 'días', 'reposo', 'dental',
      'sarro', 'ojos', 'claros', 'ganglios', 'auscultación'])[bench.chance(number, 100 + i) % 48 + 1], ' ') FROM generate_series(1, count) AS i);
