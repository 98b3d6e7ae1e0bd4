"""Words that the marks of `core.pipeline.marks` are judged by, compared by their stems."""

from core.stems import stem

# Words without content of their own.
FUNCTION_WORDS = """
a about above after again all also always an and another any anything are as at be because been
before behind being below between both but by can cannot could did do does doing done down during
each either else even every everything few first for from further get give given gives go goes has
have having how however i if in into involve involving is it its itself just know known last least
let like made make makes making many may means might more most much must need needed needs neither
next no nor not now of off on once one only or other others our out over own per same second should
since so some something such take taken takes than that the their them then there therefore these
they third this those through thus to together too toward under unless until up upon us use used
useful uses using very via was way we were what when whenever where whether which while who whole
whose why will with within without would yet you your
""".split()

# What everybody does anyway: elementary operations, and platitudes about solving.
ELEMENTARY = """
accordingly accurate accurately add adding addition amount answer apply approach arithmetic basic
behavior calculate calculation careful carefully check clear clearly combine compare complete
compute concept confirm consider consistent correct correctly correctness count decide describe
determine difference digit divide division easily easy equal equality error evaluate exact example
expression final find following form four fully greater handle help identify important information
input instruct integer justify keep larger less list look math mathematical mean method minus
missing multiple multiplication multiply number obtain operation operator order original output
pair part perform plus present problem procedure proceed process product provide question quotient
read rearrange reason reasoning remember repeat represent require result review right same see set
show similar simple simplify single situation small solution solve solving statement step
straightforward subtract subtraction sum task three times total true try two undefined understand
value values verify whole work write zero
""".split()

# A behavior whose name is made of these alone is about an elementary operation or a platitude.
OPERATIONS = """
add addition answer arithmetic basic calculate calculation careful check clarity clear compare
comparison compute correct correctness count divide division final justify multiplication multiply
number operation problem read result review simple simplification simplify solution solve step
subtract subtraction sum summarization summarize summary understand understanding verification
verify
""".split()

# Terms of mathematics and reasoning: a procedure may name them although the problem does too.
TERMS = """
absolute acute adjacent algebra algebraic alternative altitude amount angle apart apply approach
arc area argument arithmetic arrange arrangement array assume average axis balance base bisector
bound boundary bounded box bracket calculus cancel case cent center centimeter central chance
change chord circle circular circumference class clue coefficient coin column combination
combinatoric common comparison complement complementary complex component composite condition cone
congruent conjugate consecutive consistent constant constraint context contradiction convert
coordinate corner correspond cosine cost count cross cube cubic curve cycle cylinder data day
decimal decompose decrease deduce define definition degree denominator density depth derive
diagonal diagram diameter die difference digit dimension direct direction discount discrete
discriminant distance distinct distribute distribution distributive divide dividend divisibility
divisible divisor dot double down edge element eliminate ellipse endpoint entire enumerate equal
equation equidistant equilateral equivalent estimate evaluate even event exceed exclude exclusion
expand expect expectation exponent exponential express expression exterior extreme face fact
factor factorial factorization figure fill finite fixed formula fraction fractional frequency
function gcd general geometric geometry graph greater greatest grid group half height hexagon high
highest hour hundreds hundredth hypotenuse identity imply improper inclusion increase independent
index inequality infer infinite initial inner input inscribe inside integer intercept interest
interior intersect intersection interval inverse irrational isolate isosceles item kind label
large largest law lcm leading left leg length letter level limit line linear list logarithm long
low lowest matrix maximize maximum mean measure median member meter method middle midpoint
minimize minimum minute mixed mode model modular modulo modulus money month multiple
multiplicative nearest negative net non notation nth number numerator object oblique obtuse
octagon odd ones operation opposite option order ordered ordinary origin outcome outer output
outside overlap pair parabola parallel parallelogram parentheses parity part pattern pentagon
people percent percentage perfect perimeter period permutation perpendicular person pi place plane
point polar polygon polynomial position positive possibility possible power price prime principle
prism probability product profit progression proof proper property proportion proportional prove
pyramid pythagorean quadrant quadratic quadrilateral quantity quarter quotient radian radical
radius random range rank rate ratio rational ray real reciprocal rectangle rectangular recurrence
reduce reflect reflection region regular relate relation relationship relative remain remainder
repeat representation residue restrict restriction rhombus right root rotate rotation round
rounding row rule sale sample satisfy scale score second section sector segment select selection
semicircle separate sequence series set shape share shift side sign similar similarity simplify
simultaneous sine single size slope smallest solid solution sort space speed sphere square start
statement straight strategy structure subset substitute substitution subtract sum supplementary
surface symbol symmetric symmetry system table tangent temperature tens tenth term theorem
thousandth time top total transform transformation transitive translate trapezoid triangle
triangular trigonometric trigonometry unequal union unique unit unknown up upper value variable
vector verify vertex vertical vertices volume weight whole width word x y year yield z
""".split()

FUNCTION_STEMS = frozenset(map(stem, FUNCTION_WORDS))
OPERATION_STEMS = frozenset(map(stem, OPERATIONS))
ELEMENTARY_STEMS = frozenset(map(stem, ELEMENTARY))
TERM_STEMS = frozenset(map(stem, TERMS)) | ELEMENTARY_STEMS
