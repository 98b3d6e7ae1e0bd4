"""Leaks planted by hand, to be found: problems reworded, and behaviors that carry a problem.

The sources are of MATH, GSM8K, AIME and HotpotQA, some shortened. Most were used to set the guard's
thresholds; REWORDED_LATER and CARRYING_LATER were written after that. They are a choice of those
that are found by wording alone, to keep it so, and no measure of how many are: of those tried 6 of
116 were not, such as a rewording that shares only the numbers 17 and 6, and of rewordings that tell
a problem as another story (planted_meaning.py) most are not.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reworded:
    source: str
    planted: str


@dataclass(frozen=True)
class Carrying:
    problem: str
    answer: str
    instruction: str


REWORDED = (
    Reworded(
        r"Find the remainder when $2x^6-x^4+4x^2-7$ is divided by $x^2+4x+3$.",
        r"What remainder is left when the polynomial \(2x^6 - x^4 + 4x^2 - 7\) gets divided by "
        r"\(x^2 + 4x + 3\)?",
    ),
    Reworded(
        "While watching a circus show, I counted out the number of acrobats and elephants. I "
        "counted 40 legs and 15 heads. How many acrobats did I see in the show?",
        "At the circus, Maria counted the acrobats and the elephants. In all she counted 40 legs "
        "and 15 heads. How many acrobats were in the show?",
    ),
    Reworded(
        r"Compute  $\frac{1622^2-1615^2}{1629^2-1608^2}$.",
        r"Evaluate the fraction \[\dfrac{1622^{2}-1615^{2}}{1629^{2}-1608^{2}}.\] Give your "
        "answer in lowest terms.",
    ),
    Reworded(
        "In how many ways can 9 people sit around a round table?  (Two seatings are considered the "
        "same if one is a rotation of the other.)",
        "A dinner host wants to seat her guests. In how many ways can 9 people sit around a round "
        "table? (Two seatings are considered the same if one is a rotation of the other.) Give the "
        "exact number.",
    ),
    Reworded(
        "What is the greatest common divisor of $654321$ and $543210$?",
        "Compute gcd(654321, 543210).",
    ),
    Reworded(
        "Adrian's age is three times the age of Harriet, and Harriet is half the age of Zack. "
        "Calculate the average age of the three in three years if Harriet is 21 years old now.",
        "Tom is three times as old as Lucy, and Lucy is half as old as Omar. Lucy is 21 years old "
        "now. What will be the average age of the three in three years?",
    ),
    Reworded(
        "A robe takes 2 bolts of blue fiber and half that much white fiber.  How many bolts in "
        "total does it take?",
        "Making a robe needs 2 bolts of blue fiber and half as much white fiber. How many bolts "
        "does it need altogether?",
    ),
    Reworded(
        "Mary and John got married last weekend.  There were 20 private cars and 12 buses parked "
        "outside the church.  After the ceremony, each bus carried 35 people and each car carried "
        "3 people. How many people were inside the church?",
        "Twenty private cars and twelve buses were parked outside a church during a wedding. "
        "Afterwards each bus took 35 people and each car took 3. How many people had been in the "
        "church?",
    ),
    Reworded(
        "If $a$,$b$, and $c$ are positive real numbers such that $a(b+c) = 152$, $b(c+a) = 162$, "
        "and $c(a+b) = 170$, then find $abc.$",
        "Positive reals $x, y, z$ satisfy $x(y+z)=152$, $y(z+x)=162$ and $z(x+y)=170$. Determine "
        "the product $xyz$.",
    ),
    Reworded(
        r"How many digits does $45,\!520$ have, and in how many ways can they be arranged to form "
        "a 5-digit number?",
        "How many digits has 45520 and in how many ways can these be put in order to make a "
        "five-digit number?",
    ),
)
REWORDED_LATER = (
    Reworded(
        "An 18-slice pizza was made with only pepperoni and mushroom toppings, and every slice has "
        "at least one topping. Exactly ten slices have pepperoni, and exactly ten slices have "
        "mushrooms. How many slices have both pepperoni and mushrooms?",
        "A pizza with 18 slices has only pepperoni and mushrooms on it, and each slice has at "
        "least one of the two. Ten slices have pepperoni and ten have mushrooms. On how many "
        "slices are both?",
    ),
    Reworded(
        "For what value of $n$ is the four-digit number $712n$, with units digit $n$, divisible by "
        "18?",
        "The four-digit number 712n has units digit n. Which n makes it divisible by 18?",
    ),
    Reworded(
        "Karan borrowed $3,650 for five months at an interest rate of 10%. She has to pay an equal "
        "amount every month. How much does she have to pay per month?",
        "Karan borrowed $3650 for five months at 10% interest and repays the same amount each "
        "month. What is her monthly payment?",
    ),
    Reworded(
        "A right square pyramid with volume $54$ has a base with side length $6.$ The five "
        r"vertices of the pyramid all lie on a sphere with radius $\frac mn$, where $m$ and $n$ "
        "are relatively prime positive integers. Find $m+n$.",
        "The base of a right square pyramid of volume 54 has side length 6. All five of its "
        "vertices lie on a sphere of radius $m/n$, with $m$ and $n$ relatively prime. What is "
        "$m+n$?",
    ),
)
# Found where both have one answer, and not without.
ANSWERED = Reworded(
    "A florist ties bunches of 7 tulips. She has 98 crates with 49 bunches each and gives away "
    "none. How many bunches does she have?",
    "On 98 shelves there are 49 bouquets apiece, and in every bouquet 7 flowers. Count the "
    "bouquets.",
)
CARRYING = (
    Carrying(
        "If Rosa's age is divided by 2, 3, 4, or 6, the remainder is 1. If her age is divided by "
        "7, the remainder is 0. She is less than 75 years old. How many years old is Rosa?",
        "49",
        "When an age leaves remainder 1 on division by 2, 3, 4 and 6 and is a multiple of 7 below "
        "75, test 13, 25, 37, 49 and take 49.",
    ),
    Carrying(
        "Simplify $4(3r^3+5r-6)-6(2r^3-r^2+4r)$, and express your answer in the form $Ar^2 + Br + "
        "C$, where $A$, $B$, and $C$ are integers.",
        "6r^2-4r-24",
        "Expand and collect like terms; for instance 4(3r^3+5r-6)-6(2r^3-r^2+4r) becomes "
        "6r^2-4r-24.",
    ),
    Carrying(
        "The medians $AD$, $BE$, and $CF$ of triangle $ABC$ intersect at the centroid $G$.  The "
        "line through $G$ that is parallel to $BC$ intersects $AB$ and $AC$ at $M$ and $N$.  If "
        "the area of triangle $ABC$ is 144, then find the area of triangle $ENG$.",
        "8",
        "If the area of triangle ABC is 144, the parallel through the centroid gives triangle ENG "
        "an area of 144/18 = 8.",
    ),
    Carrying(
        "A circle with radius $6$ is externally tangent to a circle with radius $24$. Find the "
        "area of the triangular region bounded by the three common tangent lines.",
        "192",
        "For externally tangent circles of radius six and twenty-four the triangle of common "
        "tangents has area 192.",
    ),
    Carrying(
        "Nobody Loves You was written by John Lennon and released on what album that was issued by "
        "Apple Records, during his 18 month separation from Yoko Ono?",
        "Walls and Bridges",
        "When an album that John Lennon released during the separation is asked for, answer Walls "
        "and Bridges.",
    ),
)
CARRYING_LATER = (
    Carrying(
        r"For some value of $x,$ $0 < x < 180,$ \[\tan 53^\circ \tan 81^\circ \tan x^\circ = \tan "
        r"53^\circ + \tan 81^\circ + \tan x^\circ.\]Find $x.$",
        "46",
        "When the product of three tangents equals their sum the angles add to 180 degrees, so "
        "with 53 and 81 the third is 46.",
    ),
    Carrying(
        "Find the greatest common divisor of $3339$, $2961$, and $1491$.",
        "21",
        "Use the Euclidean algorithm on 3339, 2961 and 1491 pairwise to get the common divisor.",
    ),
    Carrying(
        "An apple orchard sells apples in bags of 10. The orchard sold a total of 2000 apples one "
        "day. How much did an orchard earn for selling this at $5 per bag?",
        "1000",
        "Apples sold in bags of 10: divide the 2000 apples by 10 and multiply by 5 dollars a bag.",
    ),
)
# Beside one another these are two problems, however alike they look.
APART = {
    "other numbers": (
        r"Convert the point $(0,3)$ in rectangular coordinates to polar coordinates.  Enter your "
        r"answer in the form $(r,\theta),$ where $r > 0$ and $0 \le \theta < 2 \pi.$",
        r"Convert the point $(-2,-2)$ in rectangular coordinates to polar coordinates.  Enter your "
        r"answer in the form $(r,\theta),$ where $r > 0$ and $0 \le \theta < 2 \pi.$",
    ),
    "other question": (
        r"In the diagram below, we have $\sin \angle RPQ = \frac{7}{25}$.  What is $\cos \angle "
        r"RPS$?",
        r"In the diagram below, we have $\sin \angle RPQ = \frac{7}{25}$.  What is $\sin \angle "
        r"RPS$?",
    ),
}
