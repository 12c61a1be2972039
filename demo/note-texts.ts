import type { TypeCode } from './clinic-data.ts'
import type { Random } from './random.ts'

export type NoteText = { readonly title: string; readonly body: string }

const SOAP: Partial<Record<TypeCode, readonly NoteText[]>> = {
  consulta: [
    soap(
      'Vómito de un día',
      'Dos vómitos de alimento desde ayer; come y bebe menos.',
      'Temperatura 38.7 °C, mucosas rosadas, abdomen blando sin dolor. Condición corporal 5/9.',
      'Gastritis aguda leve.',
      'Dieta blanda 3 días en porciones pequeñas. Volver si hay sangre, decaimiento o más de 3 vómitos al día.',
    ),
    soap(
      'Prurito',
      'Se rasca orejas y patas desde hace dos semanas; sin cambio de alimento.',
      'Eritema en pabellones y zonas interdigitales, sin ectoparásitos visibles. Citología: escasas levaduras.',
      'Dermatitis alérgica probable con sobrecrecimiento leve de levaduras.',
      'Baño con clorhexidina cada 5 días, control de pulgas estricto, revisión en 3 semanas.',
    ),
    soap(
      'Revisión general',
      'Chequeo anual; el propietario no reporta problemas.',
      'Temperatura 38.4 °C, frecuencia cardiaca 96/min, sin soplo. Sarro grado 1. Condición corporal 6/9.',
      'Paciente sano con sobrepeso leve.',
      'Reducir la ración 10 %, paseo diario de 30 minutos, pesar en un mes.',
    ),
    soap(
      'Cojera',
      'Cojea de la pata posterior derecha desde el fin de semana, después de correr.',
      'Dolor a la extensión de la rodilla derecha, sin cajón. Sin inflamación visible.',
      'Esguince leve; descartar lesión ligamentaria si persiste.',
      'Reposo dos semanas, antiinflamatorio 5 días con alimento, revisión en 10 días.',
    ),
  ],
  vacunacion: [
    soap(
      'Vacunación',
      'Acude a vacuna anual, sin reacciones previas.',
      'Temperatura 38.5 °C, sano a la exploración.',
      'Apto para vacunación.',
      'Vacuna aplicada por vía subcutánea. Observar 24 horas. Próxima dosis en un año.',
    ),
  ],
  cirugia: [
    soap(
      'Esterilización',
      'Programada. Ayuno de 8 horas confirmado, consentimiento firmado.',
      'ASA I. Constantes estables durante el procedimiento, monitoreo cada 5 minutos.',
      'Ovariohisterectomía u orquiectomía sin complicaciones.',
      'Collar isabelino 10 días, analgésico 3 días, retiro de puntos en 10 días.',
    ),
  ],
  dental: [
    soap(
      'Limpieza dental',
      'Mal aliento desde hace meses; come bien.',
      'Sarro grado 2, gingivitis leve generalizada, sin piezas móviles.',
      'Enfermedad periodontal grado 1.',
      'Destartraje y pulido realizados. Cepillado tres veces por semana.',
    ),
  ],
}

/** A note in the four parts of SOAP, as the clinic's template has them. */
function soap(title: string, subjective: string, objective: string, assessment: string, plan: string): NoteText {
  return { title, body: `Subjetivo:\n${subjective}\n\nObjetivo:\n${objective}\n\nEvaluación:\n${assessment}\n\nPlan:\n${plan}` }
}

/** What a clinician writes after a visit of this type. */
export function noteFor(type: TypeCode, random: Random): NoteText {
  return random.pick(SOAP[type] ?? SOAP.consulta ?? [])
}

export const VISIT_REASONS: Record<TypeCode, readonly string[]> = {
  consulta: ['Revisión general', 'Vómito', 'Comezón', 'Cojera', 'No quiere comer', 'Revisión de oído'],
  vacunacion: ['Vacuna anual', 'Refuerzo'],
  cirugia: ['Esterilización programada'],
  dental: ['Limpieza dental'],
  estetica: ['Baño y corte', 'Corte de uñas y baño medicado'],
}
export const CANCEL_REASONS = ['El propietario sale de viaje', 'Reagenda por trabajo', 'La mascota ya se siente bien'] as const
