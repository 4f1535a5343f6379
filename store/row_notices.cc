// The fields of a definition that say what its target can check (tags 40 to 49).
#include "store/row_fields.h"

namespace hourwheel {

void write_notices(FieldWriter& out, const TaskSpec& spec) {
  put_number(out, 40, spec.target.sign ? 0 : 1);
}
void read_notices(FieldReader& in, TaskSpec& spec) {
  if (in.tag() == 40) spec.target.sign = in.number() == 0;
}

}  // namespace hourwheel
